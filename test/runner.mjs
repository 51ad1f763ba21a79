/**
 * Runs the files on labs beside those that only compute. Labs wait as often as they work: what computes has the cores then, and
 * gives them back at once.
 */
import childProcess from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import TestRunner from 'jest-runner';

/** For the scheduler a tenth of what labs are: what waits for them comes on slowly, and yet comes on. */
const BACKGROUND_NICENESS = 10;

/**
 * What a file leaves in its worker stays there, and every collection of garbage goes through it: behind a hundred files those that
 * compute with buffers took eight times as long. So after these many the workers are others; and as many as there are cores, once
 * no lab runs any more.
 */
const FILES_A_WORKER = 20;

export default class SideBySide {
  supportsEventEmitters = true;
  #labs;
  /** What computes, with all cores, and beside labs. */
  #computing;
  #computingBeside;
  #workers;
  #workersBeside;

  constructor(globalConfig, ...how) {
    this.#workers = globalConfig.maxWorkers;
    // With as many as labs have, these would wait for a core each time that something happens in them.
    this.#workersBeside = Math.max(1, this.#workers - 1);
    this.#labs = new TestRunner(globalConfig, ...how);
    this.#computing = new TestRunner(globalConfig, ...how);
    this.#computingBeside = new TestRunner({ ...globalConfig, maxWorkers: this.#workersBeside }, ...how);
  }

  async runTests(tests, watcher, options) {
    const onLabs = tests.filter(isOnLab);
    const others = tests.filter((test) => !isOnLab(test));
    const run = (runner, chosen) => runner.runTests(chosen, watcher, options);
    let areLabsRunning = onLabs.length > 0;
    const runLabs = async () => {
      if (areLabsRunning) await run(this.#labs, onLabs);
      areLabsRunning = false;
    };
    const compute = async () => {
      while (others.length > 0)
        if (areLabsRunning) {
          const next = others.splice(0, FILES_A_WORKER * this.#workersBeside);
          await inBackground(() => run(this.#computingBeside, next));
        } else await run(this.#computing, others.splice(0, FILES_A_WORKER * this.#workers));
    };
    const labs = runLabs();
    if (options.serial) await labs;
    await Promise.all([labs, compute()]);
  }

  on(event, listener) {
    const runners = [this.#labs, this.#computing, this.#computingBeside];
    const ends = runners.map((one) => one.on(event, listener));
    return () => ends.forEach((end) => end());
  }
}

const isOnLab = ({ context }) => context.config.displayName.name === 'e2e';

/** Of the workers that it forks before it first waits. */
function inBackground(work) {
  const { fork } = childProcess;
  // In a session of its own: where sessions have their shares of the cores (sched(7), autogroup), the share is the session's.
  childProcess.fork = (file, argv, options) => {
    const child = fork(file, argv, { ...options, detached: true });
    bePatient(child.pid);
    return child;
  };
  try {
    return work();
  } finally {
    childProcess.fork = fork;
  }
}

function bePatient(pid) {
  try {
    setPriority(pid, BACKGROUND_NICENESS);
    writeFileSync(`/proc/${pid}/autogroup`, `${BACKGROUND_NICENESS}`);
  } catch {
    // It has ended, or this kernel knows no such share; then it is only less patient.
  }
}
