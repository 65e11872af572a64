import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port that nobody has, for what is told its port before it takes it. It is below those that the system hands out by
 * itself: one of those may be the near end of anybody's connection a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
