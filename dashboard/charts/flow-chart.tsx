import { Layer, Rectangle, ResponsiveContainer, Sankey } from 'recharts';
import type { Flow } from '../features/paths/data.ts';
import classes from './flow-chart.module.css';

/** Ways as streams. Decoration for the eye: columns and table hold the same numbers. */
export default function FlowChart({ flow }: { flow: Flow }) {
  const rows = Math.max(...columnSizes(flow));
  return (
    <div className={classes.chart} style={{ height: Math.min(900, Math.max(280, rows * 52)) }} aria-hidden="true">
      <ResponsiveContainer width="100%" height="100%">
        <Sankey
          data={flow}
          accessibilityLayer={false}
          nodePadding={26}
          nodeWidth={8}
          sort={false}
          align="left"
          verticalAlign="top"
          margin={{ top: 12, right: 160, bottom: 12, left: 4 }}
          link={{ stroke: 'var(--tt-accent-mark)', strokeOpacity: 0.18 }}
          node={Node}
        />
      </ResponsiveContainer>
    </div>
  );
}

const colours: Record<Flow['nodes'][number]['kind'], string> = {
  page: 'var(--tt-accent-mark)',
  event: 'var(--tt-accent-mark)',
  exit: 'var(--tt-leak-mark)',
  entry: 'var(--tt-compare)',
  other: 'var(--tt-compare)',
};

/** recharts hands over the place and what was given as a node. */
function Node({
  x,
  y,
  width,
  height,
  payload,
}: {
  x: number;
  y: number;
  width: number;
  height: number;
  payload: object;
}) {
  const { name, kind, count } = payload as Flow['nodes'][number];
  // Addresses differ at their end.
  const short = name.length > 20 ? `…${name.slice(-19)}` : name;
  return (
    <Layer>
      <Rectangle x={x} y={y} width={width} height={Math.max(1, height)} fill={colours[kind]} />
      <text x={x + width + 6} y={y + height / 2} className={classes.label} dominantBaseline="middle">
        {short} <tspan className={classes.count}>{count}</tspan>
      </text>
    </Layer>
  );
}

/** How many nodes stand above each other, by distance from the start. */
function columnSizes({ nodes, links }: Flow): number[] {
  const depth = nodes.map(() => 0);
  for (let round = 0; round < 10; round++)
    for (const { source, target } of links) depth[target] = Math.max(depth[target] ?? 0, (depth[source] ?? 0) + 1);
  const sizes: number[] = [1];
  for (const one of depth) sizes[one] = (sizes[one] ?? 0) + 1;
  return Array.from(sizes, (size) => size ?? 0);
}
