import { useAnnouncer } from '../../store/announcer.ts';

/** What is said to who does not see the screen: answers to keys at once, everything else at most once in five seconds. */
export function LiveRegion() {
  const text = useAnnouncer((state) => state.text);
  return (
    <p className="visually-hidden" role="status" aria-live="polite" data-testid="live-region">
      {text}
    </p>
  );
}
