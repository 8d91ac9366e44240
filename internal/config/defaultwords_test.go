package config

import (
	"strconv"
	"strings"
	"testing"
)

// A default is written once, in the code that uses it. The table has words for it only where the value
// depends on something: words have a space, and a pattern such as <service>-<name> has a bracket.
func TestDefaults_are_written_once(t *testing.T) {
	t.Parallel()
	for _, s := range sections() {
		for key, text := range s.words() {
			if inCode := defaults()[key]; inCode != "" && text != "" && !strings.ContainsAny(text, " <") {
				t.Errorf("the table has the value %s for %s: leave it out, the page shows %s from the code", text, key, inCode)
			}
		}
	}
}

// The page has the values of the code, wherever there is one.
func TestReference_has_the_defaults_of_the_code(t *testing.T) {
	t.Parallel()
	d := newDraft(value{log: &problemLog{}})
	for key, want := range map[string]string{
		"retain_containers": "5", "readiness_delay": strconv.Itoa(int(d.ReadinessDelay.Seconds())), "proxy/app_port": "80", "proxy/run/image": DefaultProxyImage,
		"builder/driver": d.Builder.Driver, "ssh/user": d.SSH.User, "boot/barrier": string(d.Boot.Barrier), "proxy/buffering/memory": "1048576",
		"sshkit/dns_retries": "3", "accessories/<name>/network": Network, "hooks_path": ".mrsk/hooks",
	} {
		section, last := "", key
		if i := strings.LastIndexByte(key, '/'); i >= 0 {
			section, last = key[:i], key[i+1:]
		}
		page := "\n" + Reference()
		if section != "" {
			_, page, _ = strings.Cut(page, "\n## "+cell(section)+"\n")
		}
		_, row, _ := strings.Cut(page, "\n| `"+last+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if cells := strings.Split(row, " | "); len(cells) < 2 || strings.TrimSpace(cells[1]) != cell(want) {
			t.Errorf("%s: the page has %q, the code %s", key, row, want)
		}
	}
}
