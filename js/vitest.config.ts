import { defineConfig } from "vitest/config";

// Pure modules only, in Node: what needs a DOM or a canvas is tested in Chromium, by pytest.
export default defineConfig({
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
