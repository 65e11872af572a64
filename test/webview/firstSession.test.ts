import { expect, test } from "vitest";
import { firstSession } from "../../webview-ui/state/firstSession.ts";
import type { Gateway } from "../../webview-ui/state/panelRoutes.ts";

test("the newest session of a window's own folder is found behind any number of others", async () => {
  const session = (key: string, workspace: string) => ({ key, kind: "isolated", parentKey: null, workspace });
  const all = [{ key: "main", kind: "main", parentKey: null, workspace: "/w/a" }]
    .concat(Array.from({ length: 450 }, (_, nth) => session(`s${nth}`, "/w/a") as never))
    .concat([session("own", "/w/b"), session("older", "/w/b")] as never);
  const asked: string[] = [];
  const call = async (name: string, { limit, cursor = "0" }: { limit: number; cursor?: string }) => {
    asked.push(name);
    const from = Number(cursor);
    const to = from + limit;
    return { sessions: all.slice(from, to), ...(to < all.length ? { nextCursor: String(to) } : {}) };
  };
  expect(await firstSession({ call } as unknown as Gateway, ["/w/b"])).toBe("own");
  expect(asked).toEqual(["sessions.list", "sessions.list", "sessions.list"]);
});
