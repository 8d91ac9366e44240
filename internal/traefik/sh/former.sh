# What proxies of other tools have got by ACME. It is read out of their containers, running or not,
# and comes to the volume of this proxy through pipes: no key is stored elsewhere on the way, and
# none leaves the host.

# served: the services of kamal-proxy, as it keeps them.
served() { docker cp kamal-proxy:/home/kamal-proxy/.config/kamal-proxy/kamal-proxy.state - | tar -xOf -; } 2>/dev/null

# cached NAME…: kamal-proxy's files for these names, each with key, certificate and chain. Their
# folder is named after the ACME server; this is the one for Let's Encrypt.
cached() {
  _of=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  for _name; do
    set -- "$@" "$_of/$_name" "$_of/$_name+rsa"
    shift
  done
  docker cp "kamal-proxy:/home/kamal-proxy/.config/kamal-proxy/certs/$_of" - | tar -xOf - "$@"
} 2>/dev/null

# stored: the same of a Traefik, from the files that its resolvers keep.
stored() {
  for _file in $(storages); do docker cp --follow-link "traefik:$_file" - | tar -xOf -; done | while read -r _field _value; do
    _value=${_value#\"} _value=${_value%,} _value=${_value%\"}
    case $_field in
      '"certificate":') _chain=$_value ;;
      '"key":') for _part in "$_value" "$_chain"; do printf '%s' "$_part" | base64 -d; done ;;
    esac
  done
} 2>/dev/null

# storages: where a Traefik keeps what its resolvers have got.
storages() {
  _files=$(docker inspect --type container --format '{{range .Args}}{{println .}}{{end}}' traefik |
    sed -n 's/^--[cC]ertificates[rR]esolvers\.[^.=]*\.acme\.storage=//p' | sort -u)
  for _file in ${_files:-/letsencrypt/acme.json}; do printf '/%s\n' "${_file#/}"; done
}

# entries: each key with its certificate and chain in a line of its own, \n in the place of line ends.
entries() {
  tr -d '\r' | sed 's/$/\\n/' | tr -d '\n' | sed 's/-----BEGIN [A-Z ]*PRIVATE KEY-----/\
&/g'
  echo
}

# leaves: the certificates of entries, without keys and chains.
leaves() {
  while IFS= read -r _entry; do
    case $_entry in *'-----BEGIN CERT'*)
      _leaf=${_entry#*-----BEGIN CERT}
      printf '%b' "-----BEGIN CERT${_leaf%%-----END CERT*}-----END CERTIFICATE-----\\n"
      ;;
    esac
  done
}

# see_certificates NAME…: what those proxies have for these names.
see_certificates() {
  printf '\036kamal-proxy\037'
  cached "$@" | entries | leaves
  printf '\036traefik\037'
  stored | entries | leaves
}

# entry_of MARK: the one of $_entries whose certificate begins with that line.
entry_of() {
  _entry=$(printf '%s\n' "$_entries" | grep -F -- "-----BEGIN CERTIFICATE-----\\n$1\\n" | sed 1q)
  [ -n "$_entry" ] || {
    echo 'a certificate of the former proxy is no longer there' >&2
    return 1
  }
  _key=${_entry%%-----BEGIN CERT*} _chain="-----BEGIN CERT${_entry#*-----BEGIN CERT}"
}

coded() { printf '%b' "$1" | base64 | tr -d '\n'; }

# as_storage RESOLVER [MARK DOMAIN]…: certificates as Traefik keeps those that it got itself.
as_storage() {
  printf '{\n  "%s": {\n    "Account": null,\n    "Certificates": [' "$1"
  shift
  _comma=''
  while [ $# -gt 0 ]; do
    entry_of "$1" || return 1
    printf '%s\n      {\n        "domain": %s,\n        "certificate": "%s",\n        "key": "%s",\n        "Store": "default"\n      }' \
      "$_comma" "$2" "$(coded "$_chain")" "$(coded "$_key")"
    _comma=,
    shift 2
  done
  printf '\n    ]\n  }\n}\n'
}

# as_received MARK…: certificates as they come from another host.
as_received() {
  printf '{\n "tls": {\n  "certificates": ['
  _comma=''
  for _mark; do
    entry_of "$_mark" || return 1
    printf '%s\n   {\n    "certFile": "%s",\n    "keyFile": "%s"\n   }' "$_comma" "$_chain" "$_key"
    _comma=,
  done
  printf '\n  ]\n }\n}\n'
}

# within IMAGE COMMAND…: work in the proxy's volume, where it has no container yet.
within() {
  _image=$1
  shift
  docker run --rm --interactive --network none --volume "$_proxy:/mrsk" --entrypoint sh "$_image" -c "$_inside" mrsk "$@"
}

# carry IMAGE FILE NAMES COMMAND…: put what the command makes of the certificates for these names
# into a file of the proxy.
carry() {
  _image=$1 _file=$2
  _entries=$({
    cached $3
    stored
  } | entries)
  shift 3
  _content=$("$@") && printf '%s\n' "$_content" | within "$_image" carry "$_file"
}

# uncarry IMAGE FILE…: take that back, where it has been done.
uncarry() {
  docker volume inspect "$_proxy" >/dev/null 2>&1 && docker image inspect "$1" >/dev/null 2>&1 || return 0
  _image=$1
  shift
  within "$_image" uncarry "$@"
}
