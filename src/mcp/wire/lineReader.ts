/** Cuts a stream of bytes into lines, in whatever pieces it comes. */
export interface LineReader {
  add(bytes: Buffer): void;
}

/** What is known of a line that was too long to be kept: its first and its last characters. */
export interface LongLine {
  bytes: number;
  head: string;
  tail: string;
}

const EDGE = 200;

/** Lines of up to `max` bytes, those that are empty left out. Of a longer one nothing is kept but its edges. */
export function createLineReader(
  max: number,
  onLine: (line: Buffer) => void,
  onLong: (line: LongLine) => void,
): LineReader {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let [head, tail] = ["", ""];
  const keep = (piece: Buffer) => {
    bytes += piece.length;
    if (head.length < EDGE) head += piece.toString("latin1", 0, EDGE - head.length);
    tail = (tail + piece.toString("latin1", Math.max(0, piece.length - EDGE))).slice(-EDGE);
    if (bytes <= max) pieces.push(piece);
    else pieces = [];
  };
  const end = () => {
    const line = { bytes, head, tail };
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    [pieces, bytes, head, tail] = [[], 0, "", ""];
    if (line.bytes > max) onLong(line);
    else if (line.bytes > 0) onLine(whole);
  };
  return {
    add(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, at));
        end();
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
  };
}

const NEWLINE = 10;
