package docker

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// looked runs the line of Look with a docker that lists containers by the program ps, and tells the
// names of those that it inspects, but fails, as the last one is not there.
func looked(t *testing.T, ps string) (told string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	program := "#!/bin/sh\ncase $1 in ps) " + ps + " ;; *) shift 5; echo $*; exit 1 ;; esac\n"
	if err := os.WriteFile(dir+"/docker", []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", Functions.Text()+"\n"+Look([]string{"shop", "shop-db"}, "mrsk-proxy").Wire().Reveal())
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err == nil
}

func TestLook_tells_of_containers_of_the_services_and_of_the_names(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ps, told string
		ok       bool
	}{
		"several":                    {`printf '%s\n' 'a shop' 'b shop-d' 'c ' 'd shop-db' 'e shop'`, "mrsk-proxy a d e", true},
		"none":                       {":", "mrsk-proxy", true},
		"a docker that does not say": {"exit 1", "", false},
	} {
		if told, ok := looked(t, tt.ps); told != tt.told || ok != tt.ok {
			t.Errorf("%s: %q, %v", name, told, ok)
		}
	}
}

func TestOwner_is_one_short_line(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for value, want := range map[string]string{"web": "web", "web\nerror: all is lost": `"web\nerror: all is lost"`, long: long[:longestOwner-len("…")] + "…"} {
		if got := Owner(map[string]string{LabelRole: value}, LabelRole); got != want {
			t.Errorf("%.40q is %.300s", value, got)
		}
	}
}
