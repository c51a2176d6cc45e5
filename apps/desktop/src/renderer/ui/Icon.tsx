import type { ReactNode } from 'react';

const shapes = {
  add: <path d="M8 3v10M3 8h10" />,
  cancel: <path d="M4 4l8 8M12 4l-8 8" />,
  retry: <path d="M12.5 8a4.5 4.5 0 1 1-1.5-3.4M11.5 2v3h-3" />,
  remove: <path d="M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M7 7v4M9 7v4" />,
  folder: <path d="M2.5 12.5v-9h4l1.2 1.5h5.8v7.5z" />,
  queue: <path d="M3 4h10M3 8h10M3 12h6" />,
  nodes: <path d="M2.5 3.5h11v4h-11zM2.5 9h11v4h-11zM5 5.5h.1M5 11h.1" />,
  presets: <path d="M3 4.5h5M12 4.5h1M3 8h1M8 8h5M3 11.5h6M13 11.5h0M10 3v3M6 6.5v3M11 10v3" />,
  watch: <path d="M2.5 12.5v-9h4l1.2 1.5h5.8v7.5zM8 7v4M6 9.2 8 11.2l2-2" />,
  failures: <path d="M8 2.5 14 13H2zM8 6.5v3M8 11.2v.1" />,
  settings: (
    <path d="M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4" />
  ),
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  play: <path d="M5 3l7.5 5L5 13z" />,
  more: <path d="M3.5 8h.1M8 8h.1M12.5 8h.1" strokeWidth="2.4" strokeLinecap="round" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  name: <path d="M2.5 12.5h11M4 9.5 8 3l4 6.5M5.3 7.5h5.4" />,
  copy: <path d="M5.5 5.5h7v7h-7zM3.5 10.5v-7h7" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

/** Line icons, 16 × 16; always beside a text or inside a labelled button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      {shapes[name]}
    </svg>
  );
}
