#!/bin/sh
# Makes the secrets that docker-compose.yml reads: `sh deploy/secrets.sh [FOLDER]`. One that is there stays as it is.
set -eu
umask 077
folder=${1:-var/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
for name in secret admin-password database-password bus-password cache-password grafana-password; do
    [ -s "$folder/$name" ] && continue
    # Letters and digits only: some of these stand in a broker's or a cache's configuration.
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40 >"$folder/$name.new"
    # Every container reads it as a user of its own; on the host the folder keeps the others out.
    chmod 444 "$folder/$name.new"
    mv "$folder/$name.new" "$folder/$name"
    echo "made $folder/$name"
done
