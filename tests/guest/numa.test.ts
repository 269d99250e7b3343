import { guestSuite } from "./suite.ts";

guestSuite("6.12", { numa: true });
