#!/bin/sh
# Requests with ids of their own: two one after the other, then two at a time.
ask() { curl -s -o /dev/null -H "X-Request-Id: $1" http://127.0.0.1:8080/cart; }
ask cart-001
ask cart-002
ask cart-003 &
ask cart-004
wait
