/**
 * What programs import: `import { defineTopology, startLab } from 'tcpcopy-lab'`.
 *
 * Nothing is kept between calls but the connections to Docker engines (DOCKER_HOST, or the usual socket; or those of `useEngines`), which are made when they are
 * first needed, with a channel for each node that was talked with; and which labs this process is just starting. What runs is read
 * from the engine each time.
 */
export { defineTopology } from '../topology/define';
export type { TopologyLoad, WrittenLoad } from '../topology/servers/load';
export type {
  BuildServer,
  BuiltInServer,
  ComposeServer,
  ContainerOptions,
  ImageServer,
  PresentServer,
  Limits,
  Ready,
  RequestProtocol,
  WrittenServer,
} from '../topology/servers/servers';
export type {
  OnMachine,
  Role,
  Topology,
  TopologyLink,
  TopologyCopy,
  TopologyFile,
  TopologyNetwork,
  TopologyNode,
  TopologyRoute,
  TopologyServer,
} from '../topology/types';

export { useEngines } from '../engine/docker/connection';
export { enginesIn } from '../engine/docker/engines-file';
export { startLab, type StartedLab, type StartOptions } from './start';
export { findLabs, openLab, type LabFound } from './open';
export type { LabCompareOptions, LabComparison } from './compare';
export type { ApplyOptions, Lab, LabVerifyOptions, PlayOptions, ServiceInNode } from './lab';
export type { Progress } from '../engine/docker/progress';
export type { LabStatus, NodeStatus, ServiceStatus } from '../engine/status';
export type {
  Conversation,
  ExecOptions,
  ExecResult,
  LabNode,
  RunningCommand,
  RunningLab,
} from '../engine/commands/lab';

export type { Finding, FindingCode } from '../verify/findings/finding';
export type { OutsideCall } from '../fence/outside-call';
export type { Outside, WrittenOutside } from '../topology/servers/outside';
export type { Leaks, TappedFrame } from '../verify/leaks/leaks';
export type { Examination, NodeReport } from '../doctor/examine-lab';
export type { ProgramCounters, ProgramName } from '../verify/evidence/copy-state';
export type { ReplayLabOptions, ReplayVerification } from '../verify/replay-lab';
export type { Verification } from '../verify/verification';
export type { Phase } from '../verify/verify-lab';
export type { ScenarioResult } from '../scenarios/judgement/result';

export { LabError, type LabErrorCode } from '../engine/docker/errors';
export { ScenarioError, type ScenarioErrorCode } from '../scenarios/stage/errors';
export { TopologyError, type TopologyFault } from '../topology/faults';
export type { Crossed } from '../../src/answers/report/thresholds';
export { RuleError } from '../../src/answers/compare/rules';
export { ThresholdError } from '../../src/answers/report/thresholds';
export { VerifyError, type VerifyErrorCode } from '../verify/collect/errors';
