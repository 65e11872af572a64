import { expect } from "vitest";
import { accountHome } from "../../src/base/files/homeFolder.ts";
import { posixTest } from "../posix.ts";
import { curlLine } from "./gateway.ts";

const gateway = { url: "http://127.0.0.1:3000", pid: 1 };

posixTest("the line that says hello works as it is", () => {
  expect(curlLine(gateway, { HOME: "/home/me" })).toBe(
    `curl -s http://127.0.0.1:3000/api/sessions/send -H "Authorization: Bearer $(cat ~/.pincer/token)" ` +
      `-H 'Content-Type: application/json' -d '{"message":"hi"}'`,
  );
});

posixTest.each<[string, NodeJS.ProcessEnv, string]>([
  [
    "a proxy that knows nothing of this machine",
    { HOME: "/home/me", http_proxy: "http://proxy:8080" },
    "--noproxy '*' ",
  ],
  ["a proxy that is not one", { HOME: "/home/me", http_proxy: "" }, "curl -s http://"],
  ["a home with a blank", { HOME: "/home/my self" }, "$(cat ~/.pincer/token)"],
  ["a state folder with a blank", { HOME: "/home/me", PINCER_HOME: "/srv/my pincer" }, "$(cat '/srv/my pincer/token')"],
  ["an empty HOME, which a shell takes for the root", { HOME: "" }, `$(cat ${accountHome()}/.pincer/token)`],
])("also with %s", (_, env, part) => {
  expect(curlLine(gateway, env)).toContain(part);
});
