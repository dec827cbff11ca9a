#!/bin/sh
echo from the script
exec /app/main "$@"
