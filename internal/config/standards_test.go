package config

import (
	"strconv"
	"strings"
	"testing"
)

// What the tables say of defaults is what the code does.
func TestStandards_are_those_of_the_tables(t *testing.T) {
	t.Parallel()
	for _, s := range sections() {
		for key, text := range s.words() {
			if inCode := standards()[key]; plainValue.MatchString(text) && inCode != "" && inCode != text {
				t.Errorf("the table says %s of %s, whose default is %s", text, key, inCode)
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
