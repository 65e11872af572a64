import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";

const LONGEST_FAILURE = 4000;

/** A test of the test explorer, as far as a task is about it. */
interface Test {
  id: string;
  label: string;
  uri?: { scheme: string; fsPath: string; toString(): string } | undefined;
  range?: { start: { line: number } } | undefined;
  parent?: Test | undefined;
}

/** What a task about a test says, where the command was called on one, or on what one failed with. */
export function toTestTarget(
  given: unknown,
  relativePath: (path: string) => string,
): { name: string; text: string; path?: string } | undefined {
  const found = toTest(given);
  if (!found) return undefined;
  const { test, message } = found;
  const { uri, range } = test;
  const file = uri?.scheme === "file" ? uri.fsPath : undefined;
  const at = file && `${relativePath(file)}${range ? `:${range.start.line + 1}` : ""}`;
  const name = nameOf(test);
  const said = message === undefined ? "" : ` Its last run failed with:\n${headOf(message, LONGEST_FAILURE)}`;
  return { name, text: `This is about the test "${name}"${at ? ` in ${at}` : ""}.${said}`, ...defined({ path: file }) };
}

function toTest(given: unknown): { test: Test; message?: string } | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { test = given, message } = given as { test?: unknown; message?: { message?: unknown } };
  const { id, label, children } = test as { id?: unknown; label?: unknown; children?: unknown };
  if (typeof id !== "string" || typeof label !== "string" || typeof children !== "object") return undefined;
  const said = message?.message;
  const text = typeof said === "string" ? said : (said as { value?: unknown } | undefined)?.value;
  return { test: test as Test, ...defined({ message: typeof text === "string" ? text : undefined }) };
}

/** "suite > case", without the file and what stands above it. */
function nameOf(test: Test): string {
  const { parent, uri, label } = test;
  const isIn = parent?.uri !== undefined && parent.range !== undefined && parent.uri.toString() === uri?.toString();
  return isIn ? `${nameOf(parent)} > ${label}` : label;
}
