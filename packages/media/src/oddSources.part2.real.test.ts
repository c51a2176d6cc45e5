import { rendersOddSources } from './testing/rendersOddSources.ts';

rendersOddSources(1);
