"use strict";

// Stands in for the native module that ends an extension host whose server died; the harness ends the whole group.
exports.start = () => {};
exports.exit = (code) => process.exit(code);
