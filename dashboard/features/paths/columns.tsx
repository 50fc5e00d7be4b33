import { Button, UnstyledButton } from '@mantine/core';
import { formatCount, formatRate, plural } from '../../format.ts';
import { columnName, type Direction, nodeMatch, type PathUnit, type ShownColumn, type ShownNode } from './data.ts';
import classes from './paths.module.css';

interface Place {
  column: number;
  label: string;
}

/** The steps side by side, every place a button. The selected one shows how it is linked to its neighbours. */
export function Columns({
  columns,
  direction,
  unit,
  selected,
  onSelect,
  onPeople,
  onLink,
  onStart,
}: {
  columns: ShownColumn[];
  direction: Direction;
  unit: PathUnit;
  selected: Place | undefined;
  onSelect: (place: Place | undefined) => void;
  onPeople: (place: Place) => void;
  onLink: (other: Place) => void;
  onStart: (node: ShownNode) => void;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard (WCAG 2.1.1).
    <section className={classes.scroll} aria-label="Steps" tabIndex={0}>
      <div className={classes.columns}>
        {columns.map((column) => (
          <div key={column.index} className={classes.column}>
            <h3 className={classes.columnHead}>
              <span>{columnName(column.index, direction)}</span>
              <span>{formatCount(column.total)}</span>
            </h3>
            <ul className={classes.nodes} aria-label={columnName(column.index, direction)}>
              {column.nodes.map((node) => {
                const place = { column: column.index, label: node.label };
                const isSelected = selected?.column === place.column && selected.label === place.label;
                return (
                  <li
                    key={node.label}
                    className={classes.node}
                    data-kind={node.kind}
                    data-selected={isSelected || undefined}
                    data-linked={node.linked !== null || undefined}
                  >
                    <UnstyledButton
                      className={classes.nodeButton}
                      aria-pressed={isSelected}
                      onClick={() => onSelect(isSelected ? undefined : place)}
                    >
                      <span className={classes.bar} style={{ width: `${node.share * 100}%` }} aria-hidden="true" />
                      <span className={classes.nodeName}>
                        {node.name}
                        {node.kind === 'event' ? <span className={classes.nodeKind}> event</span> : null}
                      </span>
                      <span className={classes.nodeNumbers}>
                        <b>{formatCount(node.count)}</b> {formatRate(node.share)}
                      </span>
                    </UnstyledButton>
                    {isSelected ? (
                      <div className={classes.actions}>
                        <Button size="compact-xs" variant="light" onClick={() => onPeople(place)}>
                          Show people
                        </Button>
                        {nodeMatch(node) ? (
                          <Button size="compact-xs" variant="subtle" onClick={() => onStart(node)}>
                            Start from here
                          </Button>
                        ) : null}
                      </div>
                    ) : node.linked === null ? null : (
                      <UnstyledButton className={classes.link} onClick={() => onLink(place)}>
                        {linkWords(node.linked, unit, isLater(place, selected, direction))}
                      </UnstyledButton>
                    )}
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

function isLater(place: Place, selected: Place | undefined, direction: Direction): boolean {
  const after = place.column > (selected?.column ?? 0);
  return direction === 'end' ? !after : after;
}

function linkWords(count: number, unit: PathUnit, later: boolean): string {
  return later ? `${plural(count, unit)} came here from there` : `${plural(count, unit)} went there from here`;
}
