import { guestSuite } from "./suite.ts";

guestSuite("6.1", { server: true });
