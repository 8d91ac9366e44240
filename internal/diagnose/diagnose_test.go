package diagnose

import (
	"strings"
	"testing"
)

func TestOutput_finds_the_cause(t *testing.T) {
	t.Parallel()
	const from = "Error response from daemon: "
	for text, want := range map[string]string{
		"sh: 764: eval: docker: not found":                                                                  "Docker is not installed",
		"bash: line 3: docker: command not found":                                                           "Docker is not installed",
		"timeout: failed to run command 'docker': No such file":                                             "Docker is not installed",
		"timeout: can't execute 'docker': No such file":                                                     "Docker is not installed",
		"Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?": "the Docker daemon does not run",
		"failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory":                "the Docker daemon does not run",
		"Got permission denied while trying to connect to the Docker daemon socket at unix:///x":                                                                                                                           "this user may not use Docker",
		"permission denied while trying to connect to the docker API at unix:///var/run/docker.sock":                                                                                                                       "this user may not use Docker",
		from + "driver failed programming external connectivity on endpoint p (1f): Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use":                                                   "port 80 of the host is taken",
		from + "driver failed programming external connectivity on endpoint p (1f): Bind for 0.0.0.0:443 failed: port is already allocated":                                                                                "port 443 of the host is taken",
		"docker: " + from + "failed to set up container networking: driver failed programming external connectivity on endpoint p (1f): failed to bind host port for 0.0.0.0:80:172.18.0.2:80/tcp: address already in use": "port 80 of the host is taken",
		from + "Bind for 0.0.0.0:80 failed: port is already allocated\nport 80 of the host is taken by container web: stop it, or choose another":                                                                          "port 80 of the host is taken by container web",
		from + "failed to bind host port 0.0.0.0:8080/tcp: address already in use":                                                                                                                                         "port 8080 of the host is taken",
		from + "ports are not available: exposing port TCP 0.0.0.0:80 -> 127.0.0.1:0: listen tcp4 0.0.0.0:80: bind: address already in use":                                                                                "port 80 of the host is taken",
		"write /var/lib/docker/tmp/x: no space left on device":                                                                                                                                                             "the disk is full",
		from + "toomanyrequests: You have reached your unauthenticated pull rate limit.":                                                                                                                                   "the registry allows no more pulls for now",
		from + `Get "https://r:5000/v2/": http: server gave HTTP response to HTTPS client`:                                                                                                                                 "the registry speaks HTTP where HTTPS is expected",
		from + `Get "https://r/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`:                                                                                                     "the certificate of the registry is not trusted",
		from + `Get "https://regsitry.example.com/v2/": dial tcp: lookup regsitry.example.com on 127.0.0.11:53: no such host`:                                                                                              "the registry is not found: there is no host regsitry.example.com",
		from + `Get "http://192.0.2.1:5000/v2/": dial tcp 192.0.2.1:5000: connect: connection refused`:                                                                                                                     "the registry does not answer: connection refused on port 5000",
		from + `Get "https://r.example.com/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`:                                                                 "the registry r.example.com does not answer",
		from + "pull access denied for acme/shop, repository does not exist or may require 'docker login': denied: requested access to the resource is denied":                                                             "the registry has no image acme/shop, or does not let this user pull it",
		from + "manifest for r:5000/shop:v9 not found: manifest unknown: manifest unknown":                                                                                                                                 "the registry has no such image: r:5000/shop:v9",
		"manifest unknown": "the registry has no such image",
		from + `failed to resolve reference "r:5000/shop:v9": r:5000/shop:v9: not found`: "the registry has no such image: r:5000/shop:v9",
		from + "no matching manifest for linux/arm64/v8 in the manifest list entries":    "the image is not built for the architecture of the host",
		from + `Get "https://r/v2/": unauthorized: authentication required`:              "the registry refuses the login",
		from + `Get "https://r/v2/": no basic auth credentials`:                          "the registry refuses the login",
		from + "login attempt to https://r/v2/ failed with status: 401 Unauthorized":     "the registry refuses the login",
		"docker: " + from + `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "bin/wroker": stat bin/wroker: no such file or directory: unknown`: "the image has no program bin/wroker that can be run",
		`exec: "rails": executable file not found in $PATH: unknown.`: "the image has no program rails that can be run",
		"exec /bin/app: exec format error":                            "the image is built for another architecture",
		"docker: invalid reference format":                            "docker takes the name of the image for no name",
		"Error: No such image: shop:v9":                               "the host has no image shop:v9",
		"container ended\n  | 401 Unauthorized\n":                     "",
		"it is something else":                                        "",
		"":                                                            "",
	} {
		found := Output("WARNING! Your password will be stored unencrypted in /root/.docker/config.json.\n" + text)
		if found.Cause != want || (found.Hint == "") != (want == "") {
			t.Errorf("%s\n\tgot %q (%q), want %q", text, found.Cause, found.Hint, want)
		}
		if strings.Contains(found.Cause+found.Hint, "$") {
			t.Errorf("%s\n\tleft a $ in %q, %q", text, found.Cause, found.Hint)
		}
	}
}

func TestQuiet_leaves_out_what_docker_always_says(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"WARNING! Your password will be stored unencrypted in /root/.docker/config.json.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\nno\n": "no\n",
		"Unable to find image 'x:1' locally\n1: Pulling from x\n0123456789ab: Pull complete\nDigest: sha256:ab\ndocker: Error response\nSee 'docker run --help'.\n":                                        "docker: Error response\n",
		"Run 'docker run --help' for more information": "Run 'docker run --help' for more information",
		"": "",
	} {
		if got := Quiet(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestUnwell_tells_a_program_that_never_ran_from_one_that_says_so(t *testing.T) {
	t.Parallel()
	const before = "container shop-web ended with exit status 255\nlast probe of /up: no answer on port 80\nthe last lines of its log:\n"
	for log, want := range map[string]string{
		"  | exec /bin/app: exec format error":              "the image is built for another architecture",
		"  | booting\n  | exec /bin/app: exec format error": "",
		"  | exec /bin/app: exec format error\n  | goes on": "",
		"": "",
	} {
		if got := Unwell(before + log); got.Cause != want || (got.Hint == "") != (want == "") {
			t.Errorf("%q: %+v", log, got)
		}
	}
}
