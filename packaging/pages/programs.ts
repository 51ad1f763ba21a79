/** The tables of both programs. */
import { doctorSpecsOf } from '../../src/doctor/run';
import { interceptDoctor } from '../../src/intercept/doctor';
import {
  EXAMPLES as interceptExamples,
  SPECS as interceptSpecs,
  SYNOPSIS as interceptSynopsis,
} from '../../src/intercept/options';
import {
  EXAMPLES as compareExamples,
  SPECS as compareSpecs,
  SYNOPSIS as compareSynopsis,
} from '../../src/tcpcopy/compare/options';
import { tcpcopyDoctor } from '../../src/tcpcopy/doctor';
import { EXAMPLES, SPECS, SYNOPSIS } from '../../src/tcpcopy/options/specs';
import type { ProgramTables } from './program';

export const programTables: readonly ProgramTables[] = [
  {
    name: 'tcpcopy',
    synopsis: SYNOPSIS,
    specs: SPECS,
    examples: EXAMPLES,
    doctor: { specs: doctorSpecsOf(tcpcopyDoctor), examples: tcpcopyDoctor.examples },
    words: [{ word: 'compare', synopsis: compareSynopsis, specs: compareSpecs, examples: compareExamples }],
  },
  {
    name: 'intercept',
    synopsis: interceptSynopsis,
    specs: interceptSpecs,
    examples: interceptExamples,
    doctor: { specs: doctorSpecsOf(interceptDoctor), examples: interceptDoctor.examples },
    words: [],
  },
];
