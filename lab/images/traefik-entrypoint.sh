#!/bin/sh
# Flags alone are Traefik's; the rest is a command, as in the official image.
case ${1:-} in
  "" | -* | version | healthcheck) set -- traefik "$@" ;;
esac
exec "$@"
