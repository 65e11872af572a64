const UNITS = ["B", "kB", "MB", "GB"];

/** Bytes as people read them: "512 B", "1.5 MB", "24 MB". */
export function sizeWords(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 999.5 && unit < UNITS.length - 1; unit += 1) size /= 1000;
  return `${unit > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
