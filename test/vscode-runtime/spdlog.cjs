"use strict";
const { appendFileSync, mkdirSync } = require("node:fs");
const path = require("node:path");

// Stands in for VS Code's native log writer, which is not built here: log files and output channels stay readable.

const names = ["trace", "debug", "info", "warning", "error", "critical"];

class FileLogger {
  #file;
  #level = 0;
  #plain = false;

  constructor(file) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.#file = file;
  }

  write(level, message) {
    if (level < this.#level) return;
    const stamp = new Date().toISOString().replace("T", " ").slice(0, -1);
    try {
      appendFileSync(this.#file, this.#plain ? message : `${stamp} [${names[level]}] ${message}\n`);
    } catch {
      // The test has removed its folder; whoever logs must not fail for it.
    }
  }

  setLevel(level) {
    this.#level = level;
  }

  clearFormatters() {
    this.#plain = true;
  }

  setPattern() {}
  flush() {}
  drop() {}
}

for (const [level, name] of Object.entries(["trace", "debug", "info", "warn", "error", "critical"])) {
  FileLogger.prototype[name] = function log(message) {
    this.write(Number(level), message);
  };
}

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.shutdown = () => {};
exports.createRotatingLogger = async (name, file) => new FileLogger(file);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
