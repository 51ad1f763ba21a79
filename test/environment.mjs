import { TestEnvironment } from 'jest-environment-node';
import vm from 'node:vm';

/**
 * Jest's environment for Node with a plain global object. Jest's own looks each global up in a proxy first, and what computes
 * much, as simulated copies do, spends most of its time there.
 */
export default class PlainGlobal extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }

  /** A file can say more of its tests' failures (`globalThis.onFailure`) while what they were about still stands. */
  async handleTestEvent({ name, error }) {
    if (name === 'test_fn_failure') await this.global.onFailure?.(error);
  }
}
