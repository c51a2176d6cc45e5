import { create } from 'zustand';

/** Why something that was to be added was not: shown where the new rows would be, until it is closed. */
interface IntakeMessage {
  readonly cause: string;
  readonly fix: string;
}

export const useIntakeMessage = create<{ readonly message: IntakeMessage | null }>()(() => ({ message: null }));

export const showIntakeMessage = (message: IntakeMessage): void => useIntakeMessage.setState({ message });
export const closeIntakeMessage = (): void => useIntakeMessage.setState({ message: null });
