import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './ui/tokens.css';
import { startNews } from './features/notifications/newsStore.ts';
import { App } from './features/shell/App.tsx';
import { announceEnds } from './features/shell/announceEnds.ts';
import { startHostBridge } from './features/shell/hostBridge.ts';
import { startShortcuts } from './features/shell/shortcuts.ts';
import { setLink } from './store/farmStore.ts';
import { startHistory } from './store/history.ts';
import { startJobHistory } from './store/jobHistory.ts';
import { startLink } from './store/link.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page lacks its root element');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
startShortcuts();
startHistory();
startJobHistory();
startHostBridge();
startNews();
announceEnds();
startLink().catch((cause: unknown) => {
  setLink({
    kind: 'offline',
    cause: cause instanceof Error ? cause.message : String(cause),
    fix: 'Reload the window.',
  });
});
