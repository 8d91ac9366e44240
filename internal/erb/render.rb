# Reads a template from standard input, renders it, and prints the parts of the result, separated by NUL.
require "erb"

out = $stdout.dup
$stdout.reopen($stderr)
begin
  %w[object/blank object/inclusion object/try string hash array].each { |part| require "active_support/core_ext/#{part}" }
rescue LoadError
  # Most templates do not need it.
end

%w[Kamal Mrsk].each do |name|
  next if Object.const_defined?(name)
  utils = Module.new do
    def self.docker_arch
      { "aarch64" => "arm64", "x86_64" => "amd64" }[`docker info --format '{{.Architecture}}'`.strip]
    end
  end
  Object.const_set(name, Module.new).const_set(:Utils, utils)
end

# End together with mrsk, also if the template never ends.
parent = Process.ppid
Thread.new { sleep 0.5 while Process.ppid == parent; exit! }

before = ENV.to_h
begin
  text = ERB.new($stdin.read.force_encoding("UTF-8"), trim_mode: "-").result(TOPLEVEL_BINDING)
  changed = ENV.reject { |name, value| before[name] == value }.map { |name, value| "#{name}=#{value}" }
  out.write(["ok", text, *changed].join("\0"))
rescue Exception => e
  place = (e.backtrace || []).find { |line| line.start_with?("(erb):") } || e.message
  out.write(["failed", place[/\(erb\):(\d+)/, 1].to_s, "#{e.class}: #{e.message}"].join("\0"))
end
