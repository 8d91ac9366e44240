//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// odd are values that something on the way could take for more than text.
var odd = map[string]string{
	"PLAIN":     "plain",
	"EMPTY":     "",
	"NEWLINES":  "one\n\n  two\r\nthree\t",
	"QUOTES":    `it's "quoted" 'twice' \"back\" `,
	"DOLLAR":    "$HOME $$ $(id) `id` $1 ${",
	"BACKSLASH": `\n \\ \' \" \`,
	"LEADING":   "   three spaces",
	"HASH":      "#not a comment",
	"PERCENT":   "%s %d %% \\c",
	"DASH":      "-n -e",
	"CHINESE":   "部署，一个请求也不丢",
	"BIG":       strings.Repeat("0123456789abcde\\", 6400), // 100 KB
	"TEMPLATE":  "{{ env \"PATH\" }} {{.}}",
	"EQUALS":    "a=b=c",
}

// heeded are names that docker, a shell or the loader would take for their own.
var heeded = []string{"DOCKER_HOST", "PATH", "HOME", "LD_PRELOAD", "UID", "IFS", "a.b-c", "BASH_ENV", "ENV"}

// The role web has all odd values, and clear values under heeded names; the role hidden has
// secrets under these names, which go with what fits one line. Each host has another shell.
func TestEnv_arrives_byte_for_byte(t *testing.T) {
	fresh(t)
	inWeb, inHidden := map[string]string{}, map[string]string{}
	var clear, secret, hidden []string
	store := "REGISTRY_PASSWORD=sentinel-of-the-registry\n"
	files := map[string]string{}
	for name, value := range odd {
		inWeb["CLEAR_"+name], inWeb["SECRET_"+name] = value, value
		clear = append(clear, "CLEAR_"+name+": "+quoted(value))
		secret = append(secret, "SECRET_"+name)
		files["values/"+name] = value
		store += fmt.Sprintf("SECRET_%s=$(cat values/%s)\n", name, name)
	}
	for _, name := range heeded {
		inWeb[name], inHidden[name] = odd["NEWLINES"], odd["QUOTES"]
		clear = append(clear, quoted(name)+": "+quoted(odd["NEWLINES"]))
		hidden = append(hidden, quoted(name+":SECRET_QUOTES"))
	}
	clear = append(clear, `EXPANDED: "token is ${HOST_TOKEN}, not $HOST_TOKEN, and ${NOT_SET:-nothing}"`)
	inWeb["EXPANDED"] = "token is abcd, not $HOST_TOKEN, and nothing"
	const item, hosts = "\n        - ", "\n    hosts: [vm1, vm2, vm3]\n    "
	servers := "servers:\n  web:" + hosts + "env:\n      clear:\n        " + strings.Join(clear, "\n        ") +
		"\n      secret:" + item + strings.Join(secret, item) +
		"\n  hidden:" + hosts + "proxy:\n      host: hidden.example.com\n    env:\n      secret:" + item + strings.Join(hidden, item)
	files["config/deploy.yml"] = config("env", servers)
	files[".mrsk/secrets"] = store
	p := newProject(t, files)
	p.must("deploy")
	for _, vm := range all {
		checkEnv(t, vm, "env.example.com", inWeb)
		checkEnv(t, vm, "hidden.example.com", inHidden)
	}
}

// quoted is text as a YAML scalar.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

func checkEnv(t *testing.T, vm, host string, want map[string]string) {
	t.Helper()
	_, body := get(t, "http://"+vm+"/env", host)
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%s: %v in %.200s", vm, err, body)
	}
	for name, value := range want {
		encoded, there := got[name]
		bytes, _ := base64.StdEncoding.DecodeString(encoded)
		if !there || string(bytes) != value {
			t.Errorf("%s: %s is %.80q (%d bytes, there: %v), want %.80q (%d bytes)", vm, name, bytes, len(bytes), there, value, len(value))
		}
	}
}

// A value that nothing can carry is an error before anything is done.
func TestEnv_refuses_what_cannot_be_carried(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("env", "env:\n  secret:\n    - DOCKER_HOST:MANY"),
		"values/many":       "one\ntwo",
		".mrsk/secrets":     "REGISTRY_PASSWORD=x\nMANY=$(cat values/many)\n",
	})
	r := p.fails(1, []string{"config/deploy.yml:", "DOCKER_HOST"}, "deploy")
	if strings.Contains(r.all(), "two") {
		t.Error("the error shows the value")
	}
	if names := containers(t, shared.Host("vm1")); len(names) > 0 {
		t.Errorf("vm1 runs %v", names)
	}
}

// The sentinel goes into a container, and is to be seen nowhere else.
func TestSecrets_are_seen_nowhere(t *testing.T) {
	const sentinel = "sentinel-4711"
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml":      config("sentinel", "env:\n  secret: [TOKEN, MANY]", "release: sh -c 'echo releasing'", "output: {file: {path: records}}"),
		"values/many":            "first\n" + sentinel,
		"values/token":           "it's \"" + sentinel + "\" $HOME `id` \\ 部署",
		".mrsk/secrets":          "REGISTRY_PASSWORD=" + sentinel + "\nTOKEN=$(cat values/token)\nMANY=$(cat values/many)\n",
		".mrsk/hooks/pre-deploy": "#!/bin/sh\nexit 0\n",
	})
	stop := watchProcesses(t)
	var out strings.Builder
	out.WriteString(p.must("deploy", "--verbose").all())
	// The three hosts have three shells, each with its own words for what it cannot parse.
	for _, words := range []string{"echo (hi)", `echo "open`, "sh -c 'kill -9 $$'"} {
		out.WriteString(p.mrsk("app", "exec", "--verbose", words).all())
	}
	// What was asked for comes byte for byte, on stdout alone.
	r := p.mrsk("app", "exec", "--verbose", "env")
	if !strings.Contains(r.stdout, "TOKEN=it's \""+sentinel+"\" $HOME `id` \\ 部署\n") {
		t.Error("the environment of a new container does not show the secret")
	}
	out.WriteString(r.stderr)
	p.commit("second")
	p.write("Dockerfile", dockerfile+"ENV CRASH=1\n")
	p.commit("broken")
	out.WriteString(p.fails(1, nil, "deploy", "--verbose").all())
	out.WriteString(p.must("config").all())
	out.WriteString(p.plan("--commands").all())
	out.WriteString(p.must("audit").all())
	for vm, seen := range stop() {
		if strings.Contains(seen, sentinel) {
			t.Errorf("a process on %s has the secret in its arguments", vm)
		}
		if !strings.Contains(seen, "docker") {
			t.Errorf("no docker command was seen on %s: the watch proves nothing", vm)
		}
	}
	if strings.Contains(out.String(), sentinel) {
		t.Error("the output shows the secret")
	}
	if records := p.sh("cd " + p.dir + " && ls records | wc -l; grep -rlF " + sentinel + " records .mrsk/logs || true"); records != "2" {
		t.Errorf("records, and those with the secret: %s", records)
	}
	for _, h := range shared.Hosts {
		if files := onHost(t, h, "find /root /home /tmp /run /var/log /var/tmp /etc -path /run/containerd -prune -o -type f -exec grep -slF "+sentinel+" {} + || true"); files != "" && files != "/root/.docker/config.json" {
			t.Errorf("on %s the secret is in %s", h.Name, files)
		}
	}
}

// watchProcesses looks at the argument lists of all processes on the hosts and the deployer,
// over and over, until it is told to stop.
func watchProcesses(t *testing.T) (stop func() map[string]string) {
	t.Helper()
	hosts := append(append([]*host(nil), shared.Hosts...), shared.Deployer)
	const watch = `rm -f /tmp/watch.stop /tmp/watch; while [ ! -e /tmp/watch.stop ]; do cat /proc/[0-9]*/cmdline; sleep 0.01; done 2>/dev/null | tr '\0' '\n' | awk '!seen[$0]++' >/tmp/watch`
	var all sync.WaitGroup
	for _, h := range hosts {
		all.Go(func() { _, _ = h.Exec(t.Context(), "sh", "-c", watch) })
	}
	return func() map[string]string {
		seen := map[string]string{}
		for _, h := range hosts {
			onHost(t, h, "touch /tmp/watch.stop")
		}
		all.Wait()
		for _, h := range hosts {
			content, err := h.ReadFile(t.Context(), "/tmp/watch")
			if err != nil {
				t.Fatal(err)
			}
			seen[h.Name] = string(content)
		}
		return seen
	}
}
