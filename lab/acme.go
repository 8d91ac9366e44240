package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pebbleVersion is the version of the ACME test server and its DNS server.
const pebbleVersion = "v2.10.1"

// ACMEServer has the address of a lab's ACME server, which containers on the hosts can reach, too.
type ACMEServer struct {
	Directory string
	Authority string // file on the deployer: the certificate that the server itself is known by
	Root      string // file on the deployer: the certificate above all that the server issues
	Resolver  string // DNS server by which the ACME server finds names
	Records   string // where lego's provider httpreq puts its proofs
}

const pebbleConfig = `{"pebble": {
  "listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000",
  "certificate": "/acme/server.pem", "privateKey": "/acme/server.key", "httpPort": 80, "tlsPort": 443,
  "profiles": {"default": {"description": "as usual", "validityPeriod": 7776000}}}}`

// acmeScript starts the servers, once, and waits until the ACME server answers.
const acmeScript = `cd /acme
[ ! -e root.pem ] || exit 0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=deployer \
  -addext "subjectAltName=DNS:deployer,DNS:$1" -keyout server.key -out server.pem 2>/dev/null
export PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
run() { name=$1; shift; setsid "$@" >"$name.log" 2>&1 </dev/null & }
run dns ./pebble-challtestsrv -defaultIPv4 '' -defaultIPv6 '' -http01 '' -https01 '' -tlsalpn01 '' -doh '' -dnsserver :8053 -management :8055
run httpreq ./httpreq :8056 http://127.0.0.1:8055
run pebble ./pebble -config pebble.json -dnsserver 127.0.0.1:8053
for i in $(seq 100); do
  curl -sf --cacert server.pem https://deployer:15000/roots/0 >root.new && mv root.new root.pem && exit 0
  sleep 0.1
done
cat pebble.log >&2
exit 1`

// ACME brings a real ACME server, Pebble, up on the deployer, with a DNS server of its own: names
// are only there once Resolve has been told of them.
func (l *Lab) ACME(ctx context.Context, log io.Writer) (ACMEServer, error) {
	name := l.Deployer.FullName()
	return ACMEServer{
		Directory: "https://" + name + ":14000/dir", Authority: "/acme/server.pem", Root: "/acme/root.pem",
		Resolver: name + ":8053", Records: "http://" + name + ":8056",
	}, l.startACME(ctx, quiet(log))
}

func (l *Lab) startACME(ctx context.Context, log io.Writer) error {
	programs, err := acmePrograms(ctx, log)
	if err != nil {
		return err
	}
	if err := l.Deployer.Write(ctx, "/acme/pebble.json", 0o644, []byte(pebbleConfig)); err != nil {
		return err
	}
	for _, name := range programs {
		if _, err := docker(ctx, "cp", "-L", name, l.Deployer.container()+":/acme/"+filepath.Base(name)); err != nil {
			return err
		}
	}
	_, err = l.Deployer.Exec(ctx, "sh", "-c", acmeScript, "acme", l.Deployer.FullName())
	return err
}

// acmePrograms builds the programs. Later labs find them in the cache.
func acmePrograms(ctx context.Context, log io.Writer) ([]string, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "pebble-"+pebbleVersion)
	names := []string{filepath.Join(dir, "pebble"), filepath.Join(dir, "pebble-challtestsrv")}
	if _, err := os.Stat(names[1]); err != nil {
		fmt.Fprintln(log, "lab: building the ACME server Pebble from source (about 10 seconds the first time, then cached)")
		if err := installPebble(ctx, dir); err != nil {
			return nil, err
		}
	}
	own, err := Build(ctx, dir, "lab/cmd/httpreq", log)
	return append(names, own), err
}

func installPebble(ctx context.Context, dir string) error {
	const module = "github.com/letsencrypt/pebble/v2/cmd/"
	cmd := exec.CommandContext(ctx, "go", "install", module+"pebble@"+pebbleVersion, module+"pebble-challtestsrv@"+pebbleVersion)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+dir, "GOWORK=off", "GOFLAGS=")
	_, err := output(cmd)
	return err
}

// Resolve adds a name to the DNS server, with the addresses of hosts of the lab.
func (l *Lab) Resolve(ctx context.Context, name string, hosts ...string) error {
	var addresses []string
	for _, host := range hosts {
		out, err := l.Deployer.Exec(ctx, "getent", "hosts", host)
		if err != nil {
			return err
		}
		addresses = append(addresses, strings.Fields(out)[0])
	}
	record, err := json.Marshal(map[string]any{"host": name + ".", "addresses": addresses})
	if err != nil {
		return err
	}
	_, err = l.Deployer.Exec(ctx, "curl", "-sf", "-d", string(record), "http://127.0.0.1:8055/add-a")
	return err
}
