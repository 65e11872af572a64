import picomatch from "picomatch";

const made = new Map<string, (path: string) => boolean>();
const MOST_KEPT = 500;

/** Whether a rule's glob fits a path, both from the workspace and with "/"; "*" stands for line ends in names, too. */
export function fitsPath(glob: string, path: string): boolean {
  let fits = made.get(glob);
  if (!fits) {
    if (made.size >= MOST_KEPT) made.clear();
    made.set(glob, (fits = picomatch(glob, { dot: true, flags: "s" })));
  }
  return fits(path);
}
