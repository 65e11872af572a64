import { expect, test } from "vitest";
import { followDeclared } from "../../src/app/declareJobs.ts";
import type { DeclaringFile } from "../../src/core/jobs/declaredJobs.ts";
import { Emitter } from "../../src/base/emitter.ts";

test("a change of the files while the jobs are taken on is taken on after it, and none after the end", async () => {
  const changes = new Emitter<never>(() => {});
  const taken: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let files: DeclaringFile[] = [];
  const declaring = followDeclared({
    core: {
      jobs: {
        list: async () => [],
        async declare(given) {
          await gates[taken.length]!.promise;
          taken.push(given.map(({ file }) => file).join());
        },
      },
    },
    configuration: { declared: () => files, onDidChange: (listener) => changes.on(listener) },
    onFault: (error) => taken.push(String(error)),
  });
  const first = declaring.declare();
  await new Promise(setImmediate);
  files = [{ file: "/a/openclaw.yml", jobs: [] }];
  changes.emit(undefined as never);
  gates[1]!.resolve();
  await new Promise(setImmediate);
  expect(taken).toEqual([]);
  gates[0]!.resolve();
  await first;
  await expect.poll(() => taken).toEqual(["", "/a/openclaw.yml"]);
  changes.emit(undefined as never);
  declaring.dispose();
  changes.emit(undefined as never);
  await declaring.settled();
  expect(taken).toHaveLength(2);
});

test("what could not be taken over is told, and the next change is", async () => {
  const changes = new Emitter<never>(() => {});
  const told: unknown[] = [];
  let fault: Error | undefined = new Error("refused");
  const declaring = followDeclared({
    core: {
      jobs: {
        list: async () => [],
        async declare() {
          if (fault) throw fault;
          told.push("taken");
        },
      },
    },
    configuration: { declared: () => [], onDidChange: (listener) => changes.on(listener) },
    onFault: (error) => told.push(error),
  });
  await expect(declaring.declare()).rejects.toBe(fault);
  changes.emit(undefined as never);
  await expect.poll(() => told).toEqual([fault]);
  fault = undefined;
  changes.emit(undefined as never);
  await expect.poll(() => told).toHaveLength(2);
  declaring.dispose();
  await declaring.settled();
});
