export function isDesktopStale(): boolean;
export function buildDesktop(): void;
export function buildDesktopIfStale(): void;
