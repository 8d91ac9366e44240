package diagnose

import (
	"strings"
	"testing"
)

func TestOutput_finds_the_cause(t *testing.T) {
	t.Parallel()
	const from = "Error response from daemon: "
	const runc = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
	for text, want := range map[string]string{
		`ERROR: failed to build: failed to solve: process "/bin/sh -c make all" did not complete successfully: exit code: 2`:                        "RUN make all failed with exit status 2",
		"The command '/bin/sh -c make all' returned a non-zero code: 2":                                                                             "RUN make all failed with exit status 2",
		"ERROR: failed to build: failed to solve: dockerfile parse error on line 3: unknown instruction: FORM":                                      "the Dockerfile has an error on line 3: unknown instruction: FORM",
		"Error response from daemon: dockerfile parse error line 3: unknown instruction: FORM":                                                      "the Dockerfile has an error on line 3: unknown instruction: FORM",
		`ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref abc::def: "/nowhere": not found`: "the build context has no /nowhere, which the Dockerfile copies",
		"COPY failed: file not found in build context or excluded by .dockerignore: stat nowhere: file does not exist":                              "the build context has no nowhere, which the Dockerfile copies",
		"Error response from daemon: No such container: shop-db":                                                                                    "the host has no container shop-db",
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
		from + "Bind for 0.0.0.0:80 failed: port is already allocated\nport 80 of the host is taken by container web: stop it, or choose another port":                                                                     "port 80 of the host is taken by container web",
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
		`exec: "rails": executable file not found in $PATH: unknown.`:                          "the image has no program rails that can be run",
		"exec /bin/app: exec format error":                                                     "the image is built for another architecture",
		"docker: invalid reference format":                                                     "docker takes the name of the image for no name",
		"Error: No such image: shop:v9":                                                        "the host has no image shop:v9",
		"container ended\n  | 401 Unauthorized\n":                                              "",
		"docker: " + from + runc + `exec: "./entrypoint.sh": permission denied: unknown.`:      "./entrypoint.sh of the image is not executable",
		from + runc + `error during container init: exec: "/app/bin/start": permission denied`: "/app/bin/start of the image is not executable",
		from + runc + `error during container init: error mounting "/srv/data" to rootfs at "/data": open /srv/data: permission denied: unknown`:                                     "/srv/data of the host cannot be mounted at /data",
		from + "error while creating mount source path '/data': mkdir /data: permission denied: unknown.":                                                                            "",
		"sh: 1: cannot create /x: Permission denied: y":                                                                                                                              "",
		`error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ` + "``":                                                       "docker's credential helper docker-credential-desktop is not installed",
		from + `failed to resolve reference "docker.io/acme/app:v1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope`: "the registry has no image docker.io/acme/app:v1, or does not let this user pull it",
		from + `Head "https://ghcr.io/v2/acme/app/manifests/v1": denied`:                                                                                                             "the registry refuses the login",
		from + `Get "https://ghcr.io/v2/": denied: denied`:                                                                                                                           "the registry refuses the login",
		from + "error from registry: denied":                                                                                                                                         "the registry refuses the login",
		"denied: installation not allowed to Create organization package":                                                                                                            "the registry refuses the login",
		"denied: requested access to the resource is denied":                                                                                                                         "the registry refuses the login",
		from + `Get "https://r/v2/": unauthorized: incorrect username or password`:                                                                                                   "the registry refuses the login",
		from + `Get "https://r.example.com/v2/": dial tcp 192.0.2.1:443: connect: no route to host`:                                                                                  "the registry does not answer: no route to host on port 443",
		from + `Get "https://r.example.com/v2/": dial tcp [2001:db8::1]:443: connect: network is unreachable`:                                                                        "the registry does not answer: network is unreachable on port 443",
		`ERROR: failed to build: failed to solve: node:99: failed to resolve source metadata for docker.io/library/node:99: docker.io/library/node:99: not found`:                    "the registry has no base image node:99",
		`ERROR: failed to solve: acme/base: failed to resolve source metadata for docker.io/acme/base:latest: pull access denied, repository does not exist`:                         "the registry has no base image acme/base, or does not let this user pull it",
		"it is something else": "",
		"":                     "",
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

func TestProgram_hears_only_docker(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Fatal error: unauthorized: token expired\n":             "",
		"dial tcp 192.0.2.1:5432: connect: connection refused\n": "",
		"docker: Error response from daemon: OCI runtime create failed: exec: \"rails\": executable file not found in $PATH: unknown\n": "the image has no program rails that can be run",
		"OCI runtime exec failed: exec failed: unable to start container process: exec: \"bin/x\": permission denied: unknown\n":        "bin/x of the image is not executable",
		"exec /bin/app: exec format error\n":           "the image is built for another architecture",
		"booting\nexec /bin/tool: exec format error\n": "",
		"sh: 1: eval: docker: not found\n":             "Docker is not installed",
		"no space left on device\ndocker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n": "the Docker daemon does not run",
	} {
		if got := Program(text); got.Cause != want || (got.Hint == "") != (want == "") {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// What helps on a host does not help on the operator's machine.
func TestLocal_advises_for_this_machine(t *testing.T) {
	t.Parallel()
	const run = `ERROR: failed to build: failed to solve: process "/bin/sh -c apk add x" did not complete successfully: exit code: `
	for text, want := range map[string]Finding{
		"Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?":           {"the Docker daemon of this machine does not run", "start Docker Desktop, or run systemctl start docker on this machine"},
		"ERROR: permission denied while trying to connect to the Docker daemon socket at unix:///x": {"this user may not use Docker on this machine", "run sudo usermod -aG docker $USER on this machine, and log in again"},
		"ERROR: failed to solve: failed to copy files: copy file range failed: no space left on device": {
			"the disk of this machine, or of the builder, is full",
			"docker system df shows what takes the space; docker system prune removes what is unused",
		},
		"dial tcp: lookup r.invalid: no such host": {"the registry is not found: there is no host r.invalid", "check registry.server and the DNS of this machine"},
		run + "1\n\nView build details: docker-desktop://dashboard/build/default/default/abc": {
			"RUN apk add x failed with exit status 1",
			"mrsk build dev builds the working tree without a deploy, to find out why",
		},
		"#5 0.1 exec /bin/sh: exec format error\n" + run + "255": {
			"the builder cannot run programs of the architecture of the image",
			"set builder.remote to a machine of that architecture, or install QEMU on the builder",
		},
		"#5 0.1 oh\n" + run + "255":               {"RUN apk add x failed with exit status 255", "mrsk build dev builds the working tree without a deploy, to find out why"},
		"denied: access forbidden":                {"the registry refuses the login", "check registry.username and registry.password"},
		"no space left on device\nsomething else": {},
		"": {},
	} {
		if got := Local(text, ThisMachine); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// A failure of another machine's Docker is no fault of this one.
func TestLocal_names_the_machine_whose_engine_was_asked(t *testing.T) {
	t.Parallel()
	for _, m := range []Machine{RemoteBuilder, BothBuilders, DockerContext} {
		for _, text := range []string{
			"ERROR: Cannot connect to the Docker daemon at http://docker.example.com. Is the docker daemon running?",
			"ERROR: error during connect: exit status 127, stderr=bash: line 1: docker: command not found",
			"ERROR: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
			"ERROR: failed to solve: no space left on device",
		} {
			if got := Local(text, m); !strings.HasSuffix(strings.TrimSuffix(strings.TrimSuffix(got.Cause, " does not run"), " is full"), m.String()) || got.Hint == "" {
				t.Errorf("%s: %+v", text, got)
			}
		}
		if got := Local("dial tcp: lookup r.invalid: no such host", m); got.Hint != "check registry.server and the DNS of "+m.String() {
			t.Errorf("%+v", got)
		}
	}
}

func TestRules_stand_once(t *testing.T) {
	t.Parallel()
	for _, rules := range [][]rule{ofHosts, locals[ThisMachine], locals[RemoteBuilder]} {
		seen := map[string]bool{}
		for _, r := range rules {
			if seen[r.pattern.String()] {
				t.Errorf("twice: %s", r.pattern)
			}
			seen[r.pattern.String()] = true
		}
	}
}

// A host can print anything. No command of a hint does anything else for it, and no finding grows without end.
func TestOutput_bounds_and_quotes_what_a_host_printed(t *testing.T) {
	t.Parallel()
	mounting := func(path string) Finding {
		return Output(`Error response from daemon: error mounting "` + path + `" to rootfs at "/data": no`)
	}
	if got := mounting("/a'; rm -rf $HOME"); !strings.HasSuffix(got.Hint, `: ls -ld '/a'\''; rm -rf $HOME'`) {
		t.Errorf("%+v", got)
	}
	for _, path := range []string{"/a\nb", "/" + strings.Repeat("a", 300)} {
		if got := mounting(path); got != (Finding{}) {
			t.Errorf("%+v", got)
		}
	}
	long := strings.Repeat("é", 1000)
	if got := Output(`exec: "` + long + `": permission denied`); got.Cause != strings.Repeat("é", longest)+"… of the image is not executable" {
		t.Errorf("%+v", got)
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

func TestUnwell_finds_why_a_container_did_not_become_healthy(t *testing.T) {
	t.Parallel()
	const before, after = "container shop-web did not become healthy within 30 seconds\nlast probe of /up: ", "\nthe last lines of its log:\n  | last probe of /log: HTTP/1.1 404\n"
	for told, want := range map[string]string{
		"no answer on port 3000\nit listens on port 80, not on 3000: set proxy.app_port":              "the app listens on port 80, not on 3000",
		"no answer on port 3000\nit listens on port 80 8080, not on 3000: set proxy.app_port":         "the app listens on the ports 80 8080, not on 3000",
		"no answer on port 80\nit listens on port 80 of its loopback alone: let it listen on 0.0.0.0": "the app listens on port 80 of its loopback only",
		"no answer on port 80 within 5 seconds":                                                       "GET /up takes longer than 5 seconds",
		"no answer on port 80\nit listens on port 127.0.0.1:3000, not on 80: set proxy.app_port":      "the app listens on port 3000 of its loopback only, and not on 80",
		"no answer on port 3000":                   "nothing answers on port 3000",
		"HTTP/1.1 301 Moved\nLocation: https://x/": "GET /up answers 301, which leads elsewhere",
		"HTTP/1.1 403 Forbidden":                   "GET /up answers 403",
		"HTTP/1.0 404 Not Found\nX: y":             "GET /up answers 404",
		"HTTP/1.1 503 Service Unavailable":         "GET /up answers 503",
	} {
		if got := Unwell(before + told + after); got.Cause != want || got.Hint == "" {
			t.Errorf("%q: %+v", told, got)
		}
	}
	if got := Unwell("container shop-web no longer answers its health check\nlast probe of /up: no answer on port 80" + after); got != (Finding{}) {
		t.Errorf("of a container that was healthy: %+v", got)
	}
	if got := Unwell("container shop-web did not become healthy within 30 seconds" + after); got != (Finding{}) {
		t.Errorf("without a probe: %+v", got)
	}
}
