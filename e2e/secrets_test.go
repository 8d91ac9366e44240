//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// fetching is a secrets file in which most comes out of a vault: the one for tests, where a value
// is its name backwards. It notes how often it is read.
const fetching = `REGISTRY_PASSWORD=x
READ=$(echo once >>/tmp/reads; echo read)
FETCHED=$(mrsk secrets fetch --adapter test --account ci ONE TWO 7114-lenitnes '密码 三' 'four (4)' LPARENfiveRPAREN)
FETCHED_ONE=$(kamal secrets extract ONE $FETCHED)
FETCHED_TWO=$(mrsk secrets extract TWO "$FETCHED")
FETCHED_CHINESE=$(mrsk secrets extract '密码 三' $FETCHED)
FETCHED_PARENTHESES=$(mrsk secrets extract 'four (4)' $FETCHED)
FETCHED_MADE=$(kamal secrets extract LPARENfiveRPAREN $FETCHED)
FETCHED_SENTINEL=$(mrsk secrets extract 7114-lenitnes $FETCHED)
FETCHED_PIPED=$(mrsk secrets fetch -a test --account ci --from in A | tr -d '{}"')
`

func TestSecrets_are_fetched_once_and_arrive(t *testing.T) {
	fresh(t)
	want := map[string]string{
		"FETCHED_ONE": "ENO", "FETCHED_TWO": "OWT", "FETCHED_CHINESE": "三 码密", "FETCHED_PARENTHESES": ")4( ruof",
		"FETCHED_MADE": ")evif(", "FETCHED_SENTINEL": "sentinel-4117", "FETCHED_PIPED": "in/A:A/ni",
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	const seen = "#!/bin/sh\necho ${0##*/} $FETCHED_CHINESE >>/tmp/seen\n"
	p := newProject(t, map[string]string{
		"config/deploy.yml":         config("env", "env:\n  secret: ["+strings.Join(names, ", ")+"]"),
		".mrsk/secrets":             fetching,
		".mrsk/hooks/pre-connect":   seen,
		".mrsk/hooks/pre-build":     seen,
		".mrsk/hooks/pre-deploy":    seen,
		".mrsk/hooks/post-app-boot": seen,
		".mrsk/hooks/post-deploy":   seen,
	})
	p.sh("rm -f /tmp/reads /tmp/seen")
	stop := watchProcesses(t)
	r := p.must("deploy", "--verbose")
	for vm, args := range stop() {
		if strings.Contains(args, "sentinel-4117") {
			t.Errorf("a process on %s has the secret in its arguments", vm)
		}
	}
	if strings.Contains(r.all(), "sentinel-4117") {
		t.Error("the output shows the secret")
	}
	for _, vm := range all {
		checkEnv(t, vm, "env.example.com", want)
	}
	if reads := p.sh("cat /tmp/reads"); reads != "once" {
		t.Errorf("the file was read: %s", reads)
	}
	if got, want := p.sh("cat /tmp/seen"), "pre-connect 三 码密\npre-build\npre-deploy 三 码密\npost-app-boot\npost-deploy 三 码密"; got != want {
		t.Errorf("hooks saw:\n%s\nwant:\n%s", got, want)
	}
}

func TestSecrets_that_are_not_found_stop_a_deploy_before_it_begins(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml":       config("fetched", "env:\n  secret: [A]"),
		".mrsk/secrets":           "REGISTRY_PASSWORD=x\nF=$(mrsk secrets fetch -a test --account ci B)\nA=$(mrsk secrets extract A $F)\n",
		".mrsk/hooks/pre-connect": "#!/bin/sh\ntouch /tmp/connecting\n",
	})
	p.sh("rm -f /tmp/connecting")
	p.fails(1, []string{".mrsk/secrets:3:", "there is no secret A", "fetched were B"}, "deploy")
	if p.sh("ls /tmp/connecting 2>/dev/null || true") != "" {
		t.Error("a host was connected to")
	}
	for _, h := range shared.Hosts {
		if names := containers(t, h); len(names) > 0 {
			t.Errorf("%s runs %v", h.Name, names)
		}
	}
}
