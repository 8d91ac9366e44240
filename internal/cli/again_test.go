package cli

import (
	"testing"

	"github.com/spf13/cobra"
)

// A command that is suggested works on no other app and no other hosts than the one that ran.
func TestAgain_repeats_what_was_typed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		words          []string
		version        string // of the environment
		options, again string
	}{
		{[]string{"deploy"}, "", "", "mrsk deploy"},
		{[]string{"deploy", "-c", "config/admin.yml", "-d", "staging"}, "", "-c config/admin.yml -d staging", "mrsk deploy -c config/admin.yml -d staging"},
		{[]string{"deploy", "-h", "vm*,vm2", "--hosts=vm3", "-P"}, "", "--hosts 'vm*,vm2,vm3'", "mrsk deploy --hosts 'vm*,vm2,vm3' --skip-push"},
		{[]string{"-p", "-r", "web", "rollback", "v1", "-y"}, "v2", "--primary --roles web", "mrsk rollback --confirmed --primary --roles web v1"},
		{[]string{"app", "boot", "--version", "v 1", "--timings"}, "v2", "", "mrsk app boot --timings=text --version 'v 1'"},
		{[]string{"deploy", "--primary=false"}, "v2", "--primary=false", "VERSION=v2 mrsk deploy --primary=false"},
	} {
		p := newProgram(t.Context(), System{Dir: t.TempDir(), Getenv: func(name string) string { return map[string]string{"VERSION": tt.version}[name] }})
		p.line.words = tt.words
		root := newRoot(p)
		found, _, err := root.Find(tt.words)
		if err != nil {
			t.Fatal(err)
		}
		var options, again string
		found.Args = cobra.ArbitraryArgs
		found.RunE = func(cmd *cobra.Command, _ []string) error {
			options, again = chosen(cmd), p.opener.again(cmd)
			return nil
		}
		root.SetArgs(tt.words)
		if err := root.Execute(); err != nil {
			t.Fatal(tt.words, err)
		}
		if options != tt.options || again != tt.again {
			t.Errorf("%q: options %q, again %q", tt.words, options, again)
		}
	}
}
