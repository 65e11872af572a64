import type { Frame, Locator } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import type { Tab } from "../session/tab.ts";

type Role = Parameters<Frame["getByRole"]>[0];

/** How a request names an element. */
export interface Target {
  ref?: string;
  role?: string;
  name?: string;
}

/** The element a request means. `conflict` for a ref that no longer stands for anything, `bad_request` for one unclear. */
export async function locate(tab: Tab, target: Target): Promise<Locator> {
  if (target.ref !== undefined) return byRef(tab, target.ref);
  if (target.role === undefined) {
    throw new AppError("bad_request", "Name an element: a ref of the last snapshot, or a role with a name");
  }
  return byRole(tab, target.role, target.name);
}

async function byRef(tab: Tab, written: string): Promise<Locator> {
  const ref = written.replace(/^\[?(?:ref=)?|\]$|^@/g, "");
  if (!/^(f\d+)?e\d+$/.test(ref)) throw new AppError("bad_request", `"${written}" is no ref; refs are like e12`);
  const { seen } = tab;
  if (!seen?.text.includes(`[ref=${ref}]`)) {
    throw stale(`There is no ${ref} in the last snapshot of tab ${tab.id}`);
  }
  if (seen.document !== tab.document) throw stale(`The page has gone on since the snapshot that ${ref} is of`);
  // Each document numbers its elements under a prefix of its own, so that an old ref finds nothing in a new one.
  const locator = tab.page.getByRef(ref);
  const count = await locator.count().catch(() => 0);
  if (count === 0) throw stale(`${ref} is no longer on the page`);
  return locator;
}

function stale(reason: string): AppError {
  return new AppError("conflict", `${reason}: take a new snapshot`);
}

async function byRole(tab: Tab, role: string, name: string | undefined): Promise<Locator> {
  const find = (frame: Frame) => frame.getByRole(role as Role, name === undefined ? {} : { name });
  const main = find(tab.page.mainFrame());
  for (const frame of tab.page.frames()) {
    const found = find(frame);
    const count = await found.count().catch(() => 0);
    if (count === 1) return found;
    if (count === 0) continue;
    const exact = frame.getByRole(role as Role, { name: name ?? "", exact: true });
    if (name !== undefined && (await exact.count()) === 1) return exact;
    throw new AppError("bad_request", `${count} elements are a ${role}${named(name)}: use a ref`);
  }
  // It may be about to appear.
  return main;
}

function named(name: string | undefined): string {
  return name === undefined ? "" : ` named ${JSON.stringify(name)}`;
}
