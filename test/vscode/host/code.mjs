#!/usr/bin/env node
import { setTimeout as sleep } from "node:timers/promises";
import { format } from "node:util";
import { openBrowser } from "../browser.ts";
import { startEditorServer } from "../server.ts";

// Poses as the `code` of a desktop: takes its arguments, runs the tests in a browser-served VS Code, ends as it would.

const limitMs = 180_000;

const option = (name) => process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = process.argv.slice(2).find((arg) => !arg.startsWith("-"));
const server = await startEditorServer({
  profile: option("user-data-dir"),
  drivesTests: true,
  env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("PINCER_"))),
});
const onServer = (file) => `vscode-remote://127.0.0.1:${server.port}${file}`;
const browser = await openBrowser();
try {
  const page = await browser.newPage();
  const exit = Promise.withResolvers();
  // Both are there before the page begins: it calls them once.
  await page.exposeFunction("codeAutomationLog", (_type, args) => {
    const line = format(...args);
    // The workbench complains of its missing marketplace and accounts, with its own stacks.
    if (!line.includes("/static/out/vs/")) console.log(line);
  });
  await page.exposeFunction("codeAutomationExit", (code) => exit.resolve(code));
  const payload = [
    ["extensionDevelopmentPath", onServer(option("extensionDevelopmentPath"))],
    ["extensionTestsPath", onServer(option("extensionTestsPath"))],
    ["enableProposedApi", ""],
    ["skipWelcome", "true"],
  ];
  await page.goto(server.address({ folder, payload: JSON.stringify(payload) }));
  const late = sleep(limitMs, "late", { ref: false });
  const code = await Promise.race([exit.promise, late]);
  if (code === "late") console.error(`The tests did not end within ${limitMs / 1000} s`);
  process.exitCode = code === "late" ? 1 : Number(code);
} finally {
  await browser.close();
  await server.stop();
}
