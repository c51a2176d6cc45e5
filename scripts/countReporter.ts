import type { Reporter, TestModule } from 'vitest/node';

/** Files that could not be read, and suites whose set-up or tear-down failed: none of their tests tells. */
function brokenParts(module: TestModule): number {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return suites.length + (module.errors().length > 0 ? 1 : 0);
}

/** Prints the one closing line that machines read: `N passed, N failed[, N skipped]`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      failed += brokenParts(module);
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped.push(`${module.moduleId.split('/').at(-1)} > ${test.fullName}`);
      }
    }
    for (const name of skipped) console.log(`not run: ${name}`);
    const strict = process.env.CI_STRICT === '1';
    if (strict) failed += skipped.length;
    if (failed > 0) process.exitCode = 1;
    console.log(`\n${passed} passed, ${failed} failed`);
  }
}
