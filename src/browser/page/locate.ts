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
  const ref = plainRef(written);
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

/** Whether what a request means is on the page now. Rejects where the page does not say. */
export async function isOnPage(tab: Tab, { text, ...target }: Target & { text?: string }): Promise<boolean> {
  if (target.ref !== undefined) return (await tab.page.getByRef(plainRef(target.ref)).count()) > 0;
  for (const frame of tab.page.frames()) {
    const found = target.role === undefined ? frame.getByText(text ?? "") : roleIn(frame, target.role, target.name);
    if ((await found.count()) > 0) return true;
  }
  return false;
}

function stale(reason: string): AppError {
  return new AppError("conflict", `${reason}: take a new snapshot`);
}

async function byRole(tab: Tab, role: string, name: string | undefined): Promise<Locator> {
  const main = roleIn(tab.page.mainFrame(), role, name);
  for (const frame of tab.page.frames()) {
    const found = roleIn(frame, role, name);
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

function plainRef(written: string): string {
  return written.replace(/^\[?(?:ref=)?|\]$|^@/g, "");
}

function roleIn(frame: Frame, role: string, name: string | undefined): Locator {
  return frame.getByRole(role as Role, name === undefined ? {} : { name });
}

function named(name: string | undefined): string {
  return name === undefined ? "" : ` named ${JSON.stringify(name)}`;
}
