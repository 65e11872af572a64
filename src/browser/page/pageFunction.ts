/** A function that the driver sends to a page as this text. It never runs here, and could not. */
export function pageFunction<Result, Argument = void>(source: string): (argument: Argument) => Result {
  const never = (): never => {
    throw new Error("A page's function was called outside of its page");
  };
  return Object.assign(never, { toString: () => source });
}
