import { useReducedMotion } from '@mantine/hooks';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { NoteMark, TrendPoint } from '../features/overview/data.ts';
import classes from './trend-chart.module.css';

const noMarks: NoteMark[] = [];

/** The running interval is dotted, the comparison a quiet dashed line. Decoration for the eye: the table twin holds the same data. */
export default function TrendChart({
  points,
  marks = noMarks,
  name,
  tick,
  format,
}: {
  points: TrendPoint[];
  /** Notes, each at a point. */
  marks?: NoteMark[];
  name: string;
  tick: (at: string) => string;
  format: (value: number) => string;
}) {
  const still = useReducedMotion();
  const compared = points.some((point) => point.previous !== null);
  const motion = { isAnimationActive: !still, animationDuration: 350 };
  return (
    <div className={classes.chart} aria-hidden="true">
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={points} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--tt-line)" />
          <XAxis
            dataKey="at"
            tickFormatter={tick}
            tickLine={false}
            axisLine={false}
            minTickGap={48}
            tickMargin={10}
            interval="preserveStartEnd"
          />
          <YAxis
            tickFormatter={format}
            tickLine={false}
            axisLine={false}
            width={46}
            tickCount={4}
            domain={[0, 'auto']}
          />
          <Tooltip
            cursor={{ stroke: 'var(--tt-compare)', strokeDasharray: '2 3' }}
            isAnimationActive={false}
            content={<Card name={name} format={format} marks={marks} />}
          />
          {marks.map((mark) => (
            <ReferenceLine key={mark.at} x={mark.at} stroke="var(--tt-leak-mark)" strokeDasharray="1 3" />
          ))}
          {compared ? (
            <Line
              dataKey="previous"
              stroke="var(--tt-compare)"
              strokeWidth={1.5}
              strokeDasharray="5 4"
              dot={false}
              activeDot={false}
              {...motion}
            />
          ) : null}
          <Area
            dataKey="value"
            stroke="var(--tt-accent-mark)"
            strokeWidth={2}
            fill="var(--tt-accent-mark)"
            fillOpacity={0.09}
            dot={points.length === 1}
            activeDot={{ r: 4, strokeWidth: 0 }}
            {...motion}
          />
          <Area
            dataKey="running"
            stroke="var(--tt-accent-mark)"
            strokeWidth={2}
            strokeDasharray="2 4"
            strokeLinecap="round"
            fill="var(--tt-accent-mark)"
            fillOpacity={0.04}
            dot={points.length === 1}
            activeDot={{ r: 4, strokeWidth: 0 }}
            {...motion}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

/** What the pointer finds. recharts fills in `active` and `payload`. */
function Card({
  active,
  payload,
  name,
  format,
  marks,
}: {
  active?: boolean;
  payload?: { payload?: TrendPoint }[];
  name: string;
  marks: NoteMark[];
  format: (value: number) => string;
}) {
  const point = payload?.[0]?.payload;
  if (!active || !point) return null;
  const value = point.value ?? point.running;
  return (
    <div className={classes.card}>
      <div className={classes.cardTitle}>{point.label}</div>
      {value === null ? null : (
        <div className={classes.cardLine}>
          <span>
            <i className={classes.now} /> {name}
            {point.value === null ? ' so far' : ''}
          </span>
          <b>{format(value)}</b>
        </div>
      )}
      {point.previous === null ? null : (
        <div className={classes.cardLine}>
          <span>
            <i className={classes.before} /> Before
          </span>
          <b>{format(point.previous)}</b>
        </div>
      )}
      {(marks.find((mark) => mark.at === point.at)?.texts ?? []).map((text) => (
        <div key={text} className={classes.cardNote}>
          {text}
        </div>
      ))}
    </div>
  );
}
