package main

import "strings"

// formula is a Homebrew formula that installs the programs of a release.
func formula(r release, sums map[string]string) string {
	var b strings.Builder
	b.WriteString(`class Mrsk < Formula
  desc "Deploy web apps as containers to plain servers, with zero downtime"
  homepage "` + r.url + `"
  version "` + strings.TrimPrefix(r.version, "v") + `"
  license "MIT"

`)
	for _, os := range []struct{ block, system string }{{"on_macos", "darwin"}, {"on_linux", "linux"}} {
		b.WriteString("  " + os.block + " do\n")
		for _, cpu := range []struct{ block, arch string }{{"on_arm", "arm64"}, {"on_intel", "amd64"}} {
			name := target{os.system, cpu.arch}.name()
			b.WriteString("    " + cpu.block + " do\n      url \"" + r.url + "/" + name + "\"\n      sha256 \"" + sums[name] + "\"\n    end\n")
		}
		b.WriteString("  end\n\n")
	}
	// Homebrew downloads a file without the permission to execute it, and bin.install keeps the mode.
	b.WriteString(`  def install
    bin.install Dir["mrsk_*"].first => "mrsk"
    chmod 0755, bin/"mrsk"
    generate_completions_from_executable(bin/"mrsk", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/mrsk version")
  end
end
`)
	return b.String()
}
