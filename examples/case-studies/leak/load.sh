#!/bin/sh
# load.sh COUNT: so many requests, each with 50,000 bytes.
head -c 50000 /dev/zero | tr '\0' x >/tmp/body.txt
for _ in $(seq "$1"); do curl -s -o /dev/null --data-binary @/tmp/body.txt http://127.0.0.1:8090/; done
