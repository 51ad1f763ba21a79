/** The topology as it is, with what travels in it. */
import { useMemo } from 'preact/hooks';
import { flowNames, type FlowName } from '../../lab/web/messages/reading';
import type { Picture, PictureNode } from '../../lab/web/messages/picture';
import { copyIn, flowsNow, type FlowNow } from '../state/series';
import type { State } from '../state/state';
import { useNarrow } from '../state/use-narrow';
import { formatNumber, useLanguage, useWords } from '../words/language';
import { layoutOf, type Leg } from './layout';
import { MovingFrames } from './moving-frames';
import type { Box } from './places';
import { networksOf } from './wires';

const FLOW_OF: Readonly<Record<Leg['kind'], FlowName>> = {
  request: 'requests',
  answer: 'answers',
  copy: 'copies',
  response: 'responses',
  escaped: 'escaped',
};

export function PictureView({ picture, state }: { picture: Picture; state: State }) {
  const words = useWords();
  const language = useLanguage();
  const narrow = useNarrow();
  const layout = useMemo(() => layoutOf(picture, narrow), [picture, narrow]);
  const reading = state.readings.at(-1);
  const flows = new Map(picture.copies.map(({ from }) => [from, flowsNow(state.readings, from)]));
  const isLeaking = (copy: string): boolean => state.leaks.some((leak) => leak.copy === copy);
  const wallOf = (copy: string): string => {
    const isOffline = picture.copies.find(({ from }) => from === copy)?.architecture === 'offline';
    // Of a capture that is played only the player knows its guard.
    return isOffline ? 'offline' : (copyIn(reading, copy)?.guard.level ?? 'unknown');
  };
  const drawn = layout.legs.filter(({ kind, copy }) => kind !== 'escaped' || isLeaking(copy));

  return (
    <section id="picture" aria-labelledby="picture-title" class="wide" tabIndex={-1}>
      <h2 id="picture-title">{words.pictureTitle}</h2>
      <p>{picture.description}</p>
      <svg
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="img"
        aria-label={words.pictureText(picture.lab, picture.topology)}
        class={state.mode}
      >
        {layout.wires.map(({ network, path }, index) => (
          <polyline key={index} class="wire" points={path.map(({ x, y }) => `${x},${y}`).join(' ')}>
            <title>{network}</title>
          </polyline>
        ))}
        {drawn.map((leg, index) => (
          <LegView key={index} leg={leg} flow={flows.get(leg.copy)?.[FLOW_OF[leg.kind]]} mode={state.mode} />
        ))}
        {layout.walls.map(({ copy, from, to }, index) => (
          <line key={index} class={`wall ${wallOf(copy)}`} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
        ))}
        {picture.nodes.map((node) => (
          <NodeView
            key={node.name}
            node={node}
            box={layout.boxes.get(node.name)!}
            programs={programsOn(node, picture, state)}
            narrow={narrow}
          />
        ))}
        <MovingFrames frames={state.frames} legs={layout.legs} shown={state.mode === 'frames'} />
      </svg>
      {state.mode === 'flows' && <p class="hint">{words.modeFlows}</p>}
      {picture.copies.map(({ from, to }) => (
        <table key={from} class="flows">
          <caption>
            {words.flowsTitle}: {from} → {to}
          </caption>
          <thead>
            <tr>
              <th scope="col">{words.flow}</th>
              <th scope="col">{words.rate}</th>
              <th scope="col">{words.total}</th>
            </tr>
          </thead>
          <tbody>
            {flowNames.map((flow) => {
              const { rate, total } = flows.get(from)![flow];
              return (
                <tr key={flow} class={flow === 'escaped' && total > 0 ? 'bad' : flow} data-flow={flow}>
                  <th scope="row">{words.flows[flow]}</th>
                  <td>{formatNumber(rate, language)}</td>
                  <td>{formatNumber(total, language)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      ))}
    </section>
  );
}

function LegView({ leg, flow, mode }: { leg: Leg; flow: FlowNow | undefined; mode: State['mode'] }) {
  const language = useLanguage();
  const { kind, from, to } = leg;
  const rate = flow?.rate ?? 0;
  // A flow's breadth tells its rate: ten times as much is a step more.
  const breadth = mode === 'flows' && rate > 0 ? 2 + 2 * Math.log10(1 + rate) : 2;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return (
    <g class={`leg ${kind}`}>
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} stroke-width={breadth} />
      <path d={arrowHead(leg)} />
      {mode === 'flows' && rate > 0 && (
        <text x={middle.x} y={middle.y + (kind === 'request' || kind === 'copy' ? -8 : 18)} class="rate">
          {formatNumber(rate, language)}/s
        </text>
      )}
    </g>
  );
}

/** A triangle at the end of a leg. */
function arrowHead({ from, to }: Leg): string {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const corner = (turn: number, far: number): string =>
    `${(to.x + far * Math.cos(angle + turn)).toFixed(1)} ${(to.y + far * Math.sin(angle + turn)).toFixed(1)}`;
  return `M${corner(0, 0)}L${corner(2.7, 11)}L${corner(-2.7, 11)}Z`;
}

interface ProgramShown {
  readonly name: string;
  readonly runs: boolean;
}

function programsOn({ name }: PictureNode, picture: Picture, { readings }: State): ProgramShown[] {
  const reading = readings.at(-1);
  return picture.copies
    .flatMap(({ from, heardAt, architecture }): ProgramShown[] => {
      if (architecture === 'offline') return [];
      const copy = copyIn(reading, from);
      const runs = (program: 'tcpcopy' | 'intercept'): ProgramShown[] => [
        { name: program, runs: copy?.[program] !== undefined },
      ];
      return [
        ...(from === name ? runs('tcpcopy') : []),
        ...(heardAt.includes(name) ? runs('intercept') : []),
      ];
    })
    .filter((one, index, all) => all.findIndex((other) => other.name === one.name) === index);
}

interface NodeProps {
  readonly node: PictureNode;
  readonly box: Box;
  readonly programs: readonly ProgramShown[];
  readonly narrow: boolean;
}

function NodeView({ node, box, programs, narrow }: NodeProps) {
  const words = useWords();
  const { name, role, address, server } = node;
  const x = box.x + (narrow ? 8 : 14);
  const listens = server
    ? `${server.kind} :${server.port}`
    : role === 'router'
      ? networksOf(node).join(', ')
      : '';
  return (
    <g class={`node ${role}`}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="8" />
      <text x={x} y={box.y + 22} class="name">
        {name}
      </text>
      <text x={x} y={box.y + 40} class="fine">
        {narrow ? words.roles[role] : `${words.roles[role]}, ${address}`}
      </text>
      <text x={x} y={box.y + 57} class="fine">
        {narrow ? address : listens}
      </text>
      {programs.map((program, index) => (
        <text
          key={program.name}
          x={x + index * 100}
          y={box.y + 77}
          class={program.runs ? 'program' : 'program bad'}
        >
          {program.runs ? '●' : '○'} {program.name}
        </text>
      ))}
    </g>
  );
}
