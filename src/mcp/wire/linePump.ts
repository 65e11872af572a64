// A turn of the loop takes no longer for one server's lines than this.
const SLICE_MS = 8;

/** Gives values on in their order, a few milliseconds of work at a time; `onFull` and `onEmpty` tell when to send no more, and more. */
export function createLinePump<T>(
  give: (value: T) => void,
  onFull: () => void,
  onEmpty: () => void,
): (value: T) => void {
  const waiting: T[] = [];
  let at = 0;
  let isBusy = false;
  const work = () => {
    const until = performance.now() + SLICE_MS;
    while (at < waiting.length && performance.now() < until) give(waiting[at++]!);
    if (at < waiting.length) return void setImmediate(work);
    [waiting.length, at, isBusy] = [0, 0, false];
    onEmpty();
  };
  return (value) => {
    waiting.push(value);
    if (isBusy) return;
    isBusy = true;
    onFull();
    setImmediate(work);
  };
}
