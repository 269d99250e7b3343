import { guestSuite } from "./suite.ts";

guestSuite("6.12", { server: true });
