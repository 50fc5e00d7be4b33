/** Progress of long work: one line that is written over on a terminal, a new line at every tenth elsewhere. */
export interface ProgressLine {
  /** `share` is 0–1. */
  show(share: number): void;
  /** Ends the line. */
  end(): void;
}

export function progressLine(stream: NodeJS.WritableStream, label: string): ProgressLine {
  const terminal = (stream as { isTTY?: boolean }).isTTY === true;
  let shown = -1;
  const step = terminal ? 1 : 10;
  return {
    show(share) {
      const percent = Math.floor((share * 100) / step) * step;
      if (percent <= shown) return;
      shown = percent;
      stream.write(terminal ? `\r${label}: ${percent} %` : `${label}: ${percent} %\n`);
    },
    end() {
      if (terminal && shown >= 0) stream.write('\n');
    },
  };
}
