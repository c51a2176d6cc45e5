import { depth } from './depthSmall.ts'; await depth();
