export { mutants } from './mutants.ts';
export { regressionSeeds } from './regressionSeeds.ts';
export { type CrashReport, type SimulationReport, simulate, simulateEveryCrash } from './simulate.ts';
