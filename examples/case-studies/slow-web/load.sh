#!/bin/sh
# Forty requests, four at a time: how long the median and the longest took.
seq 40 | xargs -P 4 -I{} curl -s -o /dev/null -w '%{time_total}\n' http://127.0.0.1:8080/cart | sort -n |
  awk '{ s[NR] = $1 } END { printf "median %.0f ms, longest %.0f ms\n", s[NR / 2] * 1000, s[NR] * 1000 }'
